{#-
    Query: what the official releases had said by each day that a claim of `claims` was printed on, and now: exports of
    each sector in each span, million US dollars, [known_from, known_before), as the interval that was printed. Columns of
    `prints` as in int_services_trade__rank, of `summary` as in int_bop_summary__correct. The first that says something:
    trade in services, which rounds nothing; the balance of payments, rounded to millions; differences of printed spans of
    trade in services, as in the sector marts.
-#}
{% macro claims_official(claims, prints, summary) -%}
with

published as (

    select published_on from {{ prints }}
    union distinct
    select published_on from {{ summary }}

),

days as (

    select
        published_on as known_from,
        lead(published_on) over (order by published_on asc) as known_before
    from published

),

asked as (

    select
        known_from,
        known_before
    from days
    where
        known_before is null
        or exists (
            select 1 from {{ claims }} as claims
            where claims.known_on >= days.known_from and claims.known_on < days.known_before
        )

),

sector_lines as (

    select * from {{ ref('sector_ebops_line') }}

),

credits as materialized (

    select * from {{ prints }}
    where
        measure = 'credit'
        and ebops_code in (select sector_lines.ebops_code from sector_lines)

),

balances as materialized (

    select
        balances.*,
        pairs.ebops_code
    from {{ summary }} as balances
    inner join {{ ref('cross_check') }} as pairs
        on balances.bop_line_code = pairs.bop_line_code and pairs.measure = 'credit'

),

said as (

    select
        asked.known_from,
        asked.known_before,
        spans.*
    from asked
    cross join lateral (

        with

        known as (

            select
                figure_id,
                release_id,
                dataset,
                edition,
                origin,
                published_on,
                published_seq,
                ebops_code,
                measure,
                period_code,
                period_kind,
                period_start,
                period_end,
                value_usd_thousand,
                flag,
                corrected,
                {{ recency('ebops_code') }} as recency
            from credits
            where published_on <= asked.known_from

        ),

        derived as (

            {{ derived_periods('known') }}

        ),

        printed as (

            select distinct on (ebops_code, period_start, period_end)
                ebops_code,
                period_start,
                period_end,
                value_usd_thousand,
                array[figure_id] as figure_ids
            from known
            where recency = 1 and value_usd_thousand is not null
            order by
                ebops_code asc,
                period_start asc,
                period_end asc,
                published_on desc,
                published_seq desc,
                figure_id desc

        ),

        summarised as (

            select distinct on (ebops_code, period_start, period_end)
                ebops_code,
                period_start,
                period_end,
                value_usd_million,
                resolution_usd_million,
                array[figure_id] as figure_ids
            from balances
            where published_on <= asked.known_from and value_usd_million is not null
            order by
                ebops_code asc,
                period_start asc,
                period_end asc,
                published_on desc,
                published_seq desc,
                figure_id desc

        )

        select
            1 as place,
            ebops_code,
            period_start as span_start,
            period_end as span_end,
            value_usd_thousand / 1000 as value_usd_million,
            0 as resolution_usd_million,
            figure_ids
        from printed

        union all

        select
            2 as place,
            ebops_code,
            period_start as span_start,
            period_end as span_end,
            value_usd_million,
            resolution_usd_million,
            figure_ids
        from summarised

        union all

        select
            3 as place,
            ebops_code,
            period_start as span_start,
            period_end as span_end,
            {{ remainder('value_usd_thousand') }} / 1000 as value_usd_million,
            0 as resolution_usd_million,
            array_agg(figure_id) as figure_ids
        from derived
        group by
            ebops_code,
            period_start,
            period_end

    ) as spans

),

sectors as (

    select
        sector_code,
        count(*) as lines_of_sector
    from sector_lines
    group by sector_code

),

of_sector as (

    select
        said.*,
        sectors.sector_code,
        sectors.lines_of_sector
    from said
    inner join sector_lines on said.ebops_code = sector_lines.ebops_code
    inner join sectors on sector_lines.sector_code = sectors.sector_code
    where said.value_usd_million is not null

),

-- a sum with a line missing would be another sum
totals as (

    select
        known_from,
        known_before,
        sector_code,
        span_start,
        span_end,
        place,
        cast(round(sum(value_usd_million - resolution_usd_million / 2), 6) as numeric(20, 6)) as value_low,
        cast(round(sum(value_usd_million + resolution_usd_million / 2), 6) as numeric(20, 6)) as value_high
    from of_sector
    group by
        known_from,
        known_before,
        sector_code,
        span_start,
        span_end,
        place,
        lines_of_sector
    having count(*) = lines_of_sector

),

cited as (

    select
        of_sector.known_from,
        of_sector.sector_code,
        of_sector.span_start,
        of_sector.span_end,
        of_sector.place,
        array_agg(cited.figure_id order by cited.figure_id asc) as figure_ids
    from of_sector
    cross join unnest(of_sector.figure_ids) as cited (figure_id)
    group by
        of_sector.known_from,
        of_sector.sector_code,
        of_sector.span_start,
        of_sector.span_end,
        of_sector.place

)

select distinct on (totals.known_from, totals.sector_code, totals.span_start, totals.span_end)
    totals.known_from,
    totals.known_before,
    totals.sector_code,
    totals.span_start,
    totals.span_end,
    totals.value_low,
    totals.value_high,
    cited.figure_ids
from totals
inner join cited
    on
        totals.known_from = cited.known_from
        and totals.sector_code = cited.sector_code
        and totals.span_start = cited.span_start
        and totals.span_end = cited.span_end
        and totals.place = cited.place
order by
    totals.known_from asc,
    totals.sector_code asc,
    totals.span_start asc,
    totals.span_end asc,
    totals.place asc
{%- endmacro %}
