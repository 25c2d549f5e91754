{{
    config(
        post_hook="{{ write_as_of_function('call_centres_as_of', call_centres_as_of(), 'Exports of call centres') }}"
    )
}}

with

exports as (

    select * from {{ ref('mart_sector_exports') }}

),

final as (

    select {{ contract_columns() }}
    from exports
    where sector_code = 'call_centres'

)

select * from final
