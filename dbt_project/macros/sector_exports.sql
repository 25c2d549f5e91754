{#-
    Query: exports of each sector in each period, a year ago, and as a share of ICT. Relations:

    chosen     the one value of each sector and period, as int_sector_exports__choose
    sectors    sector_code, is_within_ict
    converted  the same in rupees, as int_sector_exports__convert
    releases   release_id, sha256, url: where an export's newest figures stand

    Growth and share are of numbers that are known to one percent of themselves, and NULL where one is rounded more.
-#}
{% macro sector_exports(chosen, sectors, converted, releases) -%}
with

exports as (

    select
        chosen.*,
        sectors.is_within_ict
    from {{ chosen }} as chosen
    inner join {{ sectors }} as sectors on chosen.sector_code = sectors.sector_code

),

-- written down, so that the dates are reckoned once a row and not once a pair
a_year_later as materialized (

    select
        *,
        cast(period_start + interval '1 year' as date) as later_start,
        cast(period_end + interval '1 year' as date) as later_end
    from exports

),

-- one span may be printed under two kinds (July, and July to July): the newest print, then the same kind
grown as (

    select distinct on (exports.sector_code, exports.period_code)
        exports.*,
        year_ago.exports_usd_thousand as year_ago_usd_thousand,
        year_ago.resolution_usd_thousand as year_ago_resolution_usd_thousand,
        year_ago.figure_ids as year_ago_figure_ids,
        year_ago.less_figure_ids as year_ago_less_figure_ids,
        year_ago.origin as year_ago_origin,
        year_ago.corrected as year_ago_corrected
    from exports
    left join a_year_later as year_ago
        on
            exports.sector_code = year_ago.sector_code
            and exports.period_start = year_ago.later_start
            and exports.period_end = year_ago.later_end
    order by
        exports.sector_code asc,
        exports.period_code asc,
        year_ago.published_on desc,
        year_ago.published_seq desc,
        (exports.period_kind = year_ago.period_kind) desc,
        year_ago.period_code asc

),

ict as (

    select
        period_code,
        exports_usd_thousand,
        resolution_usd_thousand,
        figure_ids,
        less_figure_ids,
        origin,
        corrected
    from exports
    where sector_code = 'ict_total'

),

known as (

    select
        grown.*,
        ict.exports_usd_thousand as ict_usd_thousand,
        ict.figure_ids as ict_figure_ids,
        ict.less_figure_ids as ict_less_figure_ids,
        ict.origin as ict_origin,
        ict.corrected as ict_corrected,
        {{ fine('grown.exports_usd_thousand', 'grown.resolution_usd_thousand') }} as fine_exports,
        {{ fine('grown.year_ago_usd_thousand', 'grown.year_ago_resolution_usd_thousand') }} as fine_year_ago,
        {{ fine('ict.exports_usd_thousand', 'ict.resolution_usd_thousand') }} as fine_ict
    from grown
    left join ict
        on
            grown.period_code = ict.period_code
            and grown.is_within_ict

)

select
    known.sector_code,
    known.period_code,
    known.period_kind,
    known.period_start,
    known.period_end,

    known.exports_usd_thousand,
    known.resolution_usd_thousand as exports_resolution_usd_thousand,
    known.disputed,
    known.year_ago_usd_thousand as exports_year_ago_usd_thousand,
    {{ pct_change('known.fine_exports', 'known.fine_year_ago') }} as exports_yoy_pct,
    known.ict_usd_thousand as ict_exports_usd_thousand,
    {{ pct_of('known.fine_exports', 'known.fine_ict') }} as share_of_ict_pct,
    converted.exports_pkr_million,
    converted.exports_pkr_null_reason,

    known.flag,
    known.origin as exports_origin,
    {{ weakest_origin_of(
        ['known.origin', 'known.year_ago_origin', 'known.ict_origin', 'converted.exports_pkr_origin']
    ) }} as origin,
    known.basis,
    known.corrected
    or coalesce(known.year_ago_corrected, false)
    or coalesce(known.ict_corrected, false)
    or converted.exports_pkr_corrected as corrected,

    known.dataset,
    coalesce(known.edition, '#' || left(releases.sha256, 8)) as edition,
    known.published_on,
    releases.url as source_url,

    known.figure_ids as exports_figure_ids,
    known.less_figure_ids as exports_less_figure_ids,
    known.year_ago_figure_ids as exports_year_ago_figure_ids,
    known.year_ago_less_figure_ids as exports_year_ago_less_figure_ids,
    known.ict_figure_ids as ict_exports_figure_ids,
    known.ict_less_figure_ids as ict_exports_less_figure_ids,
    converted.exports_of_months_figure_ids,
    converted.exchange_rate_figure_ids

from known
inner join {{ converted }} as converted
    on
        known.sector_code = converted.sector_code
        and known.period_code = converted.period_code
left join {{ releases }} as releases on known.release_id = releases.release_id
{%- endmacro %}
