with

claims as (

    select * from {{ ref('int_claims__interval') }}

),

exchanged as (

    {{ claims_exchanged('claims') }}

)

select * from exchanged
