with

figures as (

    select * from {{ ref('int_services_trade__rank') }}

),

derived as (

    select * from {{ ref('int_services_trade__derive') }}

),

chosen as (

    select * from {{ ref('int_sector_exports__choose') }}

),

spans as (

    select
        period_code,
        period_kind,
        period_start,
        period_end
    from figures

    union distinct

    select
        period_code,
        period_kind,
        period_start,
        period_end
    from derived

    union distinct

    select
        period_code,
        period_kind,
        period_start,
        period_end
    from chosen

),

periods as (

    select
        period_code,
        period_kind,
        period_start,
        period_end,
        period_end - 1 as period_last_on
    from spans

),

dated as (

    select
        period_code,
        period_kind,
        period_start,
        period_end,
        period_last_on,
        cast(extract(year from period_last_on) as integer) as calendar_year,
        cast(extract(month from period_last_on) as integer) as calendar_month,
        {{ months_between('period_start', 'period_end') }} as months_in_span
    from periods

),

fiscal as (

    select
        period_code,
        period_kind,
        period_start,
        period_end,
        period_last_on,
        calendar_year,
        calendar_month,
        months_in_span,
        calendar_year + cast(calendar_month >= 7 as integer) as fiscal_year,
        (calendar_month + 5) % 12 + 1 as fiscal_month
    from dated

),

final as (

    select
        period_code,
        period_kind,
        case period_kind
            when 'month' then to_char(period_start, 'Mon-YY')
            when 'calendar_year' then period_code
            when 'fiscal_year' then 'FY' || to_char(fiscal_year % 100, 'FM00')
            else
                to_char(period_start, 'Mon') || '-' || to_char(period_last_on, 'Mon')
                || ' FY' || to_char(fiscal_year % 100, 'FM00')
        end as period_label,

        period_start,
        period_end,
        period_last_on,
        months_in_span,
        period_kind = 'fiscal_year_to_date' as is_cumulative,

        fiscal_year,
        'FY' || to_char(fiscal_year % 100, 'FM00') as fiscal_year_code,
        fiscal_month,
        calendar_year,
        calendar_month

    from fiscal

)

select * from final
