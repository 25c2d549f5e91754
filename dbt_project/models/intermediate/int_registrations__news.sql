with

releases as (

    select * from {{ ref('int_releases__history') }}

),

entries as (

    select * from {{ source('staging', 'entry') }}

),

watermarks as (

    select * from {{ source('ops', 'watermark') }}

),

held as (

    {{ held_by('watermarks', ['fct_registration']) }}

),

registers as (

    select
        releases.release_id,
        releases.published_on,
        releases.first_seq > held.ledger_seq as is_new,
        releases.changed_seq > held.ledger_seq as is_touched
    from releases
    cross join held
    where exists (
        select 1 from entries
        where releases.release_id = entries.release_id
    )

),

newest_held as (

    select max(published_on) as published_on
    from registers
    where not is_touched

),

final as (

    select
        registers.release_id,
        bool_and(
            registers.is_new
            and (newest_held.published_on is null or registers.published_on > newest_held.published_on)
        ) over () as all_only_add
    from registers
    cross join newest_held
    where registers.is_touched

)

select * from final
