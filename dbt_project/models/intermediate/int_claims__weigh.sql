with

claims as (

    select * from {{ ref('int_claims__interval') }}

),

official as (

    select * from {{ ref('int_claims__official') }}

),

exchanged as (

    select * from {{ ref('int_claims__exchange') }}

),

weighed as (

    {{ claims_weighed('claims', 'official', 'exchanged') }}

)

select * from weighed
