{{ config(materialized='view') }}

with

listed as (

    select * from {{ ref('int_registered_counts__list') }}

),

final as (

    select
        listed.count_id,
        counted.measure,
        listed.registrant_code,
        listed.location_code,
        listed.origin,
        listed.entry_ids
    from listed
    cross join
        lateral (
            values
            ('listed_ever', true),
            ('listed_active', listed.is_active),
            ('listed_branches', listed.is_active and listed.is_branch)
        ) as counted (measure, is_so)
    where counted.is_so

)

select * from final
