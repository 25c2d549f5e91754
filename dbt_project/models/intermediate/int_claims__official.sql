-- depends_on: {{ ref('cross_check') }}

with

claims as (

    select * from {{ ref('int_claims__interval') }}

),

prints as (

    select * from {{ ref('int_services_trade__rank') }}

),

summary as (

    select * from {{ ref('int_bop_summary__correct') }}

),

official as (

    {{ claims_official('claims', 'prints', 'summary') }}

)

select * from official
