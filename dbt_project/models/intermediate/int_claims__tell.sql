with

claims as materialized (

    select * from {{ ref('int_claims__interval') }}

),

official as materialized (

    select * from {{ ref('int_claims__official') }}

),

exchanged as materialized (

    select * from {{ ref('int_claims__exchange') }}

),

weighed as materialized (

    select * from {{ ref('int_claims__weigh') }}

),

told as (

    {{ claims_told('claims', 'official', 'exchanged', 'weighed') }}

)

select * from told
