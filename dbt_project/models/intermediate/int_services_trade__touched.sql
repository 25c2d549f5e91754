with

figures as (

    select * from {{ ref('stg_sbp__trade_in_services') }}

),

releases as (

    select * from {{ ref('int_releases__history') }}

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

final as (

    select distinct
        figures.ebops_code as series_code,
        figures.measure,
        figures.period_code
    from figures
    inner join releases on figures.release_id = releases.release_id
    cross join seen
    where releases.changed_seq > seen.ledger_seq

)

select * from final
