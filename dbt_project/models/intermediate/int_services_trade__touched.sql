with

figures as (

    select * from {{ ref('stg_sbp__trade_in_services') }}

),

releases as (

    select * from {{ ref('int_releases__touched') }}

),

events as (

    select * from {{ seen_ledger() }} as ledger

),

-- a new reading may see nothing where the one before it saw a figure
gone as (

    select
        one.key ->> 0 as series_code,
        one.key ->> 1 as measure,
        one.key ->> 2 as period_code
    from events
    inner join releases on events.release_id = releases.release_id
    cross join jsonb_array_elements(events.evidence -> 'keys_gone') as one (key)

),

final as (

    select distinct
        figures.ebops_code as series_code,
        figures.measure,
        figures.period_code
    from figures
    inner join releases on figures.release_id = releases.release_id

    union distinct

    select
        series_code,
        measure,
        period_code
    from gone

)

select * from final
