with

latest as (

    select * from {{ ref('int_services_trade__latest') }}

),

derived as (

    select * from {{ ref('int_services_trade__derive') }}

),

lines as (

    select * from {{ ref('sector_ebops_line') }}

),

exports as (

    {{ official_exports('latest', 'derived', 'lines') }}

)

select * from exports
