{#-
    Query: of months that are disputed now, what the months that nobody is sure of come to together, million US dollars:
    the shortest official cumulative figure that holds the month, less the other months at their earliest print. Not
    sure is of the month itself, and of every other that was restated or that one article prints twice. Once by single
    months alone (low, high), once with the longest cumulative print before them (ytd_low, ytd_high; NULL without one).
-#}
{% macro claims_implied(claims, official, exchanged, weighed) -%}
with

levels as materialized (

    select
        claims.*,
        coalesce(exchanged.read_as, claims.series_code) as read_as,
        weighed.verdict,
        weighed.rule
    from {{ claims }} as claims
    inner join {{ weighed }} as weighed on claims.figure_id = weighed.figure_id and weighed.moment = 'now'
    left join {{ exchanged }} as exchanged on claims.figure_id = exchanged.figure_id
    where claims.measure = 'credit' and claims.unit = 'usd_million'

),

unsettled as materialized (

    select distinct
        read_as,
        span_start
    from levels
    where period_kind = 'month' and rule in ('restated', 'printed_twice')

),

standing as materialized (

    select * from levels
    where verdict != 'inconsistent' and known_on < 'infinity'

),

settled as materialized (

    select distinct on (standing.read_as, standing.span_start)
        standing.read_as,
        standing.span_start,
        standing.span_end,
        standing.value_low,
        standing.value_high,
        standing.figure_id
    from standing
    left join unsettled on standing.read_as = unsettled.read_as and standing.span_start = unsettled.span_start
    where standing.period_kind = 'month' and unsettled.read_as is null
    order by
        standing.read_as asc,
        standing.span_start asc,
        standing.known_on asc,
        standing.figure_id asc

),

asked as (

    select
        figure_id,
        series_code,
        span_start,
        span_end,
        cast(date_trunc('year', span_start - interval '6 months') + interval '6 months' as date) as year_start
    from levels
    where period_kind = 'month' and verdict = 'disputed'

),

covered as materialized (

    select distinct on (asked.figure_id)
        asked.*,
        figures.span_end as cover_end,
        figures.value_low as cover_low,
        figures.value_high as cover_high,
        figures.figure_ids as cover_ids
    from asked
    inner join {{ official }} as figures
        on
            asked.series_code = figures.sector_code
            and asked.year_start = figures.span_start
            and asked.span_end <= figures.span_end
            and figures.known_before is null
    where figures.span_end <= asked.year_start + interval '1 year'
    order by
        asked.figure_id asc,
        figures.span_end asc

),

months as materialized (

    select
        covered.figure_id,
        covered.series_code,
        covered.year_start,
        covered.cover_low,
        covered.cover_high,
        covered.cover_ids,
        cast(listed.month_start as date) as month_start,
        listed.month_start = covered.span_start or unsettled.read_as is not null as is_open,
        settled.value_low,
        settled.value_high,
        settled.figure_id as settled_id
    from covered
    cross join
        generate_series(covered.year_start, covered.cover_end - interval '1 month', interval '1 month')
            as listed (month_start)
    left join unsettled
        on covered.series_code = unsettled.read_as and listed.month_start = unsettled.span_start
    left join settled
        on
            covered.series_code = settled.read_as
            and listed.month_start = settled.span_start
            and listed.month_start != covered.span_start

),

by_months as (

    select
        figure_id,
        series_code,
        year_start,
        cover_low,
        cover_high,
        cover_ids,
        min(month_start) filter (where is_open) as first_open,
        array_agg(to_char(month_start, 'YYYY-MM') order by month_start asc) filter (where is_open) as periods,
        cover_low - coalesce(sum(value_high) filter (where not is_open), 0) as low,
        cover_high - coalesce(sum(value_low) filter (where not is_open), 0) as high,
        array_agg(settled_id) filter (where not is_open) as settled_ids
    from months
    group by
        figure_id,
        series_code,
        year_start,
        cover_low,
        cover_high,
        cover_ids
    having bool_and(is_open or settled_id is not null)

),

-- the longest cumulative print that ends before the first open month
begun as (

    select distinct on (by_months.figure_id)
        by_months.figure_id,
        standing.figure_id as begun_id,
        standing.span_end as begun_end,
        standing.value_low,
        standing.value_high
    from by_months
    inner join standing
        on
            by_months.series_code = standing.read_as
            and standing.period_kind = 'fiscal_year_to_date'
            and by_months.year_start = standing.span_start
            and by_months.first_open >= standing.span_end
    order by
        by_months.figure_id asc,
        standing.span_end desc,
        standing.known_on asc,
        standing.figure_id asc

),

by_ytd as (

    select
        months.figure_id,
        begun.begun_id,
        months.cover_low - begun.value_high - coalesce(sum(months.value_high) filter (where {{ is_after_begun() }}), 0) as low,
        months.cover_high - begun.value_low - coalesce(sum(months.value_low) filter (where {{ is_after_begun() }}), 0) as high
    from months
    inner join begun on months.figure_id = begun.figure_id
    group by
        months.figure_id,
        months.cover_low,
        months.cover_high,
        begun.begun_id,
        begun.value_low,
        begun.value_high

)

select
    by_months.figure_id,
    by_months.periods,
    cast(by_months.low as numeric(20, 6)) as low,
    cast(by_months.high as numeric(20, 6)) as high,
    cast(by_ytd.low as numeric(20, 6)) as ytd_low,
    cast(by_ytd.high as numeric(20, 6)) as ytd_high,
    array(
        select distinct listed.id
        from unnest(
            by_months.cover_ids || coalesce(by_months.settled_ids, '{}') || array_remove(array[by_ytd.begun_id], null)
        ) as listed (id)
        order by listed.id asc
    ) as figure_ids
from by_months
left join by_ytd on by_months.figure_id = by_ytd.figure_id
{%- endmacro %}

{% macro is_after_begun() -%}
    not months.is_open and months.month_start >= begun.begun_end
{%- endmacro %}

{#-
    Query: of numbers of people, exports a head in US dollars: of the sector they work in, in the newest period that the
    same article prints, over the number; and over the nearest number that speaks against it.
-#}
{% macro claims_per_head(claims, weighed) -%}
with

staff as (

    select * from {{ ref('sector_staff') }}

),

exports as (

    select distinct on (article_key, series_code) *
    from {{ claims }} as claims
    where measure = 'credit' and unit = 'usd_million'
    order by
        article_key asc,
        series_code asc,
        span_end desc,
        span_end - span_start desc,
        figure_id asc

)

select distinct on (people.figure_id)
    people.figure_id,
    cast(round(1000000 * exports.value / people.value, 6) as numeric(20, 6)) as exports_per_head_usd,
    cast(round(1000000 * exports.value / nullif(other.value, 0), 6) as numeric(20, 6)) as exports_per_other_head_usd,
    exports.figure_id as exports_figure_id
from {{ claims }} as people
inner join staff on people.series_code = staff.counted_what
inner join exports on people.article_key = exports.article_key and staff.sector_code = exports.series_code
inner join {{ weighed }} as weighed on people.figure_id = weighed.figure_id and weighed.moment = 'now'
left join {{ claims }} as other on other.figure_id = any(weighed.evidence_figure_ids)
where people.measure = 'stock' and people.value != 0
order by
    people.figure_id asc,
    {{ apart('people.value_low', 'people.value_high', 'other.value_low', 'other.value_high') }} asc,
    other.figure_id asc
{%- endmacro %}
