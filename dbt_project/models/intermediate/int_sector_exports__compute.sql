with

chosen as (

    select * from {{ ref('int_sector_exports__choose') }}

),

sectors as (

    select * from {{ ref('sector') }}

),

converted as (

    select * from {{ ref('int_sector_exports__convert') }}

),

releases as (

    select * from {{ ref('dim_release') }}

),

exports as (

    {{ sector_exports('chosen', 'sectors', 'converted', 'releases') }}

)

select * from exports
