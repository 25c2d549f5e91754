with

releases as (

    select * from {{ ref('int_releases__visible') }}

),

final as (

    select
        release_id,
        published_on,
        split_part(substr(coverage, 10), '/', 1) as kind,
        nullif(lower(split_part(substr(coverage, 10), '/', 2)), '') as region_name
    from releases
    where coverage like 'complete:%'

)

select * from final
