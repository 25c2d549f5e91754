with

releases as (

    select * from {{ ref('int_releases__history') }}

),

watermarks as (

    select * from {{ source('ops', 'watermark') }}

),

held as (

    {{ held_by('watermarks', ['fct_exchange_rate_print']) }}

),

final as (

    select releases.release_id
    from releases
    cross join held
    where releases.changed_seq > held.ledger_seq

)

select * from final
