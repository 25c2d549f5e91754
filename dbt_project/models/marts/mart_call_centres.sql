with

exports as (

    select * from {{ ref('int_sector_exports__compute') }}

),

final as (

    select {{ contract_columns() }}
    from exports
    where sector_code = 'call_centres'

)

select * from final
