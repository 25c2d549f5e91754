with

sectors as (

    select * from {{ ref('sector') }}

),

sector_lines as (

    select * from {{ ref('sector_ebops_line') }}

),

latest as (

    select * from {{ ref('int_services_trade__latest') }}

),

lines as (

    select
        sector_lines.sector_code,
        sector_lines.ebops_code,
        sectors.is_within_ict,
        count(*) over (partition by sector_lines.sector_code) as lines_of_sector
    from sector_lines
    inner join sectors on sector_lines.sector_code = sectors.sector_code

),

exports as (

    select
        lines.sector_code,
        lines.is_within_ict,
        latest.period_code,
        latest.period_kind,
        latest.period_start,
        latest.period_end,

        case
            when count(latest.value_usd_thousand) = count(*) then cast(sum(latest.value_usd_thousand) as numeric(20, 6))
        end as exports_usd_thousand,
        array_agg(latest.figure_id order by latest.figure_id) as figure_ids,

        {{ weakest_flag('latest.flag') }} as flag,
        {{ weakest_origin('latest.origin') }} as origin,
        case when count(*) = 1 then 'printed' else 'derived' end as basis,
        bool_or(latest.corrected) as corrected,

        (array_agg(latest.dataset order by latest.published_on desc, latest.published_seq desc))[1] as dataset,
        (array_agg(latest.edition order by latest.published_on desc, latest.published_seq desc))[1] as edition,
        max(latest.published_on) as published_on,
        (array_agg(latest.published_seq order by latest.published_on desc, latest.published_seq desc))[1]
            as published_seq

    from lines
    inner join latest
        on
            lines.ebops_code = latest.ebops_code
            and latest.measure = 'credit'

    group by
        lines.sector_code,
        lines.is_within_ict,
        latest.period_code,
        latest.period_kind,
        latest.period_start,
        latest.period_end

    -- a sum with a line missing would be another sum
    having count(*) = max(lines.lines_of_sector)

),

-- one span may be printed under two kinds (July, and July to July): the newest print, then the same kind
year_ago as (

    select distinct on (exports.sector_code, exports.period_code)
        exports.sector_code,
        exports.period_code,
        earlier.exports_usd_thousand,
        earlier.figure_ids,
        earlier.origin,
        earlier.corrected
    from exports
    inner join exports as earlier
        on
            exports.sector_code = earlier.sector_code
            and exports.period_start = cast(earlier.period_start + interval '1 year' as date)
            and exports.period_end = cast(earlier.period_end + interval '1 year' as date)
    order by
        exports.sector_code asc,
        exports.period_code asc,
        earlier.published_on desc,
        earlier.published_seq desc,
        (exports.period_kind = earlier.period_kind) desc,
        earlier.period_code asc

),

ict as (

    select
        period_code,
        exports_usd_thousand,
        figure_ids,
        origin,
        corrected
    from exports
    where sector_code = 'ict_total'

),

final as (

    select
        exports.sector_code,
        exports.period_code,
        exports.period_kind,
        exports.period_start,
        exports.period_end,

        exports.exports_usd_thousand,
        year_ago.exports_usd_thousand as exports_year_ago_usd_thousand,
        {{ pct_change('exports.exports_usd_thousand', 'year_ago.exports_usd_thousand') }} as exports_yoy_pct,
        ict.exports_usd_thousand as ict_exports_usd_thousand,
        {{ pct_of('exports.exports_usd_thousand', 'ict.exports_usd_thousand') }} as share_of_ict_pct,

        exports.flag,
        {{ weakest_origin_of(['exports.origin', 'year_ago.origin', 'ict.origin']) }} as origin,
        exports.basis,
        exports.corrected or coalesce(year_ago.corrected, false) or coalesce(ict.corrected, false) as corrected,

        exports.dataset,
        exports.edition,
        exports.published_on,

        exports.figure_ids as exports_figure_ids,
        year_ago.figure_ids as exports_year_ago_figure_ids,
        ict.figure_ids as ict_exports_figure_ids

    from exports
    left join year_ago
        on
            exports.sector_code = year_ago.sector_code
            and exports.period_code = year_ago.period_code
    left join ict
        on
            exports.period_code = ict.period_code
            and exports.is_within_ict

)

select * from final
