{{ config(materialized='view') }}

with

spans as (

    select * from {{ ref('int_registrations__span') }}

),

final as (

    select
        to_char(months_of.on_, 'YYYY-MM') as period_code,
        spans.kind,
        spans.region_code,
        spans.city_code,
        spans.measure,
        spans.registrant_code,
        spans.location_code,
        spans.origin,
        spans.entry_ids
    from spans
    cross join lateral generate_series(
        spans.first_on, spans.end_on - interval '1 month', interval '1 month'
    ) as months_of (on_)

)

select * from final
