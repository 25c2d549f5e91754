with

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

    select coalesce(max(ledger_seq), 0) as ledger_seq
    from (
        select builds.ledger_seq
        from builds
        inner join results on builds.invocation_id = results.invocation_id
        where
            results.node in ('model.sanad.fct_services_trade_print', 'model.sanad.fct_services_trade_vintage')
            and results.status = 'success'
        group by
            builds.build_id,
            builds.ledger_seq
        having count(*) = 2
    ) as good

),

final as (

    select releases.release_id
    from releases
    cross join seen
    where releases.changed_seq > seen.ledger_seq

)

select * from final
