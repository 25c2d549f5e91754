with

prints as (

    select * from {{ ref('fct_exchange_rate_print') }}
    where superseded_at is null

),

rates as (

    {{ newest_rates('prints') }}

)

select * from rates
