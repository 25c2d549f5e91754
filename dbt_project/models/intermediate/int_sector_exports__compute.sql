with

chosen as (

    select * from {{ ref('int_sector_exports__choose') }}

),

sectors as (

    select * from {{ ref('sector') }}

),

releases as (

    select * from {{ ref('dim_release') }}

),

exports as (

    {{ sector_exports('chosen', 'sectors', 'releases') }}

)

select * from exports
