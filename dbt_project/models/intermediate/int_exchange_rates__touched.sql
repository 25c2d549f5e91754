with

releases as (

    select * from {{ ref('int_releases__history') }}

),

watermarks as (

    select * from {{ source('ops', 'watermark') }}

),

-- what the store holds; without a watermark it holds nothing yet
held as (

    select coalesce(max(ledger_seq), 0) as ledger_seq
    from watermarks
    where model = 'fct_exchange_rate_print'

),

final as (

    select releases.release_id
    from releases
    cross join held
    where releases.changed_seq > held.ledger_seq

)

select * from final
