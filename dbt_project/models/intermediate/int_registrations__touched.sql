with

news as (

    select * from {{ ref('int_registrations__news') }}

),

identities as (

    select * from {{ source('resolved', 'identity') }}

),

changed as (

    select * from {{ source('staging', 'identity_changed') }}

),

final as (

    select registrant_code from changed

    union

    -- what came late, or is not seen any more, may move where others stand: all is followed again
    select identities.registrant_code from identities
    where exists (
        select 1 from news
        where not news.all_only_add
    )

)

select * from final
