with

releases as (

    select * from {{ ref('int_releases__history') }}

),

watermarks as (

    select * from {{ source('ops', 'watermark') }}

),

-- what every store holds; a store without a watermark holds nothing yet
held as (

    select case when count(*) = 2 then min(ledger_seq) else 0 end as ledger_seq
    from watermarks
    where model in ('fct_services_trade_print', 'fct_services_trade_vintage')

),

final as (

    select releases.release_id
    from releases
    cross join held
    where releases.changed_seq > held.ledger_seq

)

select * from final
