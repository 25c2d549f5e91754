-- the planner takes what the views give for one row, and would compare every claim with every other
{{ config(pre_hook="set local enable_nestloop = off") }}

with

prints as (

    select * from {{ ref('int_reported_exports__history') }}

),

final as (

    select {{ contract_columns() }}
    from prints

)

select * from final
