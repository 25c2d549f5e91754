with

sectors as (

    select * from {{ ref('sector') }}

),

sector_lines as (

    select * from {{ ref('sector_ebops_line') }}

),

final as (

    select
        sectors.sector_code,
        sectors.sector_name,
        sectors.sector_kind,
        sectors.is_within_ict,
        sectors.sort_order,
        array_agg(sector_lines.ebops_code order by sector_lines.ebops_code) as ebops_codes
    from sectors
    inner join sector_lines on sectors.sector_code = sector_lines.sector_code
    group by
        sectors.sector_code,
        sectors.sector_name,
        sectors.sector_kind,
        sectors.is_within_ict,
        sectors.sort_order

)

select * from final
