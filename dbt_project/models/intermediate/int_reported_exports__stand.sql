with

prints as (

    select * from {{ ref('fct_reported_exports_print') }}
    where superseded_at is null

),

official as (

    select * from {{ ref('int_sector_exports__official') }}

),

standing as (

    {{ reported_exports_that_stand('prints', 'official') }}

)

select * from standing
