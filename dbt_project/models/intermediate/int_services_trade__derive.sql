with

prints as (

    select * from {{ ref('int_services_trade__rank') }}

),

derived as (

    {{ derived_periods('prints') }}

)

select * from derived
