-- the planner takes what the views give for one row, and would compare every row with every other
{{
    config(
        pre_hook="set local enable_nestloop = off",
        post_hook="{{ write_as_of_function('sector_exports_as_of', sector_exports_as_of(), 'Exports of each sector') }}"
    )
}}

-- depends_on: {{ ref('dim_sector') }}
-- depends_on: {{ ref('dim_release') }}
-- depends_on: {{ ref('fct_services_trade_print') }}
-- depends_on: {{ ref('fct_exchange_rate_print') }}
-- depends_on: {{ ref('fct_reported_exports_print') }}

with

exports as (

    select * from {{ ref('int_sector_exports__compute') }}

),

final as (

    select {{ contract_columns() }}
    from exports

)

select * from final
