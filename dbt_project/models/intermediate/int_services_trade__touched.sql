with

figures as (

    select * from {{ ref('stg_sbp__trade_in_services') }}

),

releases as (

    select * from {{ ref('int_releases__history') }}

),

events as (

    select * from {{ seen_ledger() }} as ledger

),

builds as (

    select * from {{ source('ops', 'build') }}

),

results as (

    select * from {{ source('ops', 'dbt_result') }}

),

-- none: everything is touched
seen as (

    select coalesce(max(builds.ledger_seq), 0) as ledger_seq
    from builds
    inner join results on builds.invocation_id = results.invocation_id
    where
        results.node = 'model.sanad.fct_services_trade_vintage'
        and results.status = 'success'

),

-- a new reading may see nothing where the one before it saw a figure
gone as (

    select
        one.key ->> 0 as series_code,
        one.key ->> 1 as measure,
        one.key ->> 2 as period_code
    from events
    cross join seen
    cross join jsonb_array_elements(events.evidence -> 'keys_gone') as one (key)
    where events.seq > seen.ledger_seq

),

final as (

    select
        figures.ebops_code as series_code,
        figures.measure,
        figures.period_code
    from figures
    inner join releases on figures.release_id = releases.release_id
    cross join seen
    where releases.changed_seq > seen.ledger_seq

    union distinct

    select
        series_code,
        measure,
        period_code
    from gone

)

select * from final
