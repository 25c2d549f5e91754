with

releases as (

    select * from {{ ref('int_releases__history') }}

),

touched as (

    select * from {{ ref('int_releases__touched') }}

),

watermarks as (

    select * from {{ source('ops', 'watermark') }}

),

held as (

    {{ held_by('watermarks', ['fct_services_trade_vintage']) }}

),

judged as (

    select
        releases.release_id,
        releases.first_seq > held.ledger_seq
        and not exists (
            select 1
            from releases as older
            where
                releases.dataset = older.dataset
                and releases.published_on <= older.published_on
                and older.release_id not in (select touched.release_id from touched)
        ) as only_adds
    from releases
    inner join touched on releases.release_id = touched.release_id
    cross join held

),

verdict as (

    select bool_and(only_adds) as all_only_add
    from judged

),

final as (

    select judged.release_id
    from judged
    cross join verdict
    where verdict.all_only_add

)

select * from final
