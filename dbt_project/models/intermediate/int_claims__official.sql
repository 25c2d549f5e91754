with

claims as (

    select * from {{ ref('int_claims__interval') }}

),

prints as (

    select * from {{ ref('int_services_trade__rank') }}

),

official as (

    {{ claims_official('claims', 'prints') }}

)

select * from official
