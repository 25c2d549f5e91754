with

chosen as (

    select * from {{ ref('int_sector_exports__choose') }}

),

rates as (

    select * from {{ ref('int_exchange_rates__latest') }}

),

converted as (

    {{ rupees('chosen', 'rates') }}

)

select * from converted
