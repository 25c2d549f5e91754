with

latest as (

    select * from {{ ref('int_services_trade__latest') }}

),

derived as (

    select * from {{ ref('int_services_trade__derive') }}

),

sectors as (

    select * from {{ ref('sector') }}

),

sector_lines as (

    select * from {{ ref('sector_ebops_line') }}

),

lines as (

    select
        sectors.sector_code,
        sectors.is_within_ict,
        sector_lines.ebops_code
    from sectors
    inner join sector_lines on sectors.sector_code = sector_lines.sector_code

),

exports as (

    {{ sector_exports('latest', 'derived', 'lines') }}

)

select * from exports
