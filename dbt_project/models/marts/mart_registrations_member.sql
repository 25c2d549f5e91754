{{ config(materialized='view') }}

with

spans as (

    select * from {{ ref('int_registrations__span') }}

),

counted as (

    select * from {{ ref('mart_registrations') }}

),

-- joined, not generated from each span: who asks for one month then looks at each span once, in the index's order
months as (

    select
        period_code,
        min(period_start) as period_start
    from counted
    group by period_code

),

final as (

    select
        months.period_code,
        spans.kind,
        spans.region_code,
        spans.city_code,
        spans.measure,
        spans.registrant_code,
        spans.location_code,
        spans.origin,
        spans.entry_ids
    from spans
    inner join months on spans.first_on <= months.period_start and spans.end_on > months.period_start

)

select * from final
