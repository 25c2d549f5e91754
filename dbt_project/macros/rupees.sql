{#-
    Query: exports in million rupees, each month at its own average rate, a longer period as the sum of its months.
    Relations:

    chosen   the one value of each sector and period, as int_sector_exports__choose
    rates    period_start of a month, rate_pkr_per_usd, figure_id, origin, corrected: the newest print of each

    Where exports of a month are not known, or the rate of one whose exports are, there is no value, and a reason. One row
    for each row of `chosen`.
-#}
{% macro rupees(chosen, rates) -%}
with

months as (

    select
        asked.sector_code,
        asked.period_code,
        listed.month_start,
        monthly.figure_ids || coalesce(monthly.less_figure_ids, '{}') as figure_ids,
        monthly.origin,
        monthly.corrected,
        rates.figure_id as rate_figure_id,
        rates.origin as rate_origin,
        rates.corrected as rate_corrected,
        monthly.exports_usd_thousand is not null as is_exported,
        monthly.exports_usd_thousand is null or rates.rate_pkr_per_usd is not null as is_rated,
        cast(round(monthly.exports_usd_thousand * rates.rate_pkr_per_usd / 1000, 6) as numeric(20, 6)) as pkr_million
    from {{ chosen }} as asked
    cross join generate_series(asked.period_start, asked.period_end - 1, interval '1 month') as listed (month_start)
    left join {{ chosen }} as monthly
        on
            asked.sector_code = monthly.sector_code
            and listed.month_start = monthly.period_start
            and monthly.period_kind = 'month'
    left join {{ rates }} as rates on listed.month_start = rates.period_start

),

summed as (

    select
        sector_code,
        period_code,
        {{ sum_if_all('pkr_million') }} as exports_pkr_million,
        concat_ws(
            ', and ',
            {{ missing_months('is_exported', 'exports') }},
            {{ missing_months('is_rated', 'the exchange rate') }}
        ) as exports_pkr_null_reason,
        {{ weakest_origin('origin') }} as origin,
        {{ weakest_origin('rate_origin') }} as rate_origin,
        bool_or(corrected or rate_corrected) as corrected,
        array_agg(rate_figure_id order by rate_figure_id asc) as rate_figure_ids
    from months
    group by
        sector_code,
        period_code

),

cited as (

    select
        months.sector_code,
        months.period_code,
        array_agg(distinct listed.id order by listed.id asc) as figure_ids
    from months
    cross join unnest(months.figure_ids) as listed (id)
    group by
        months.sector_code,
        months.period_code

)

select
    summed.sector_code,
    summed.period_code,
    summed.exports_pkr_million,
    nullif(summed.exports_pkr_null_reason, '') as exports_pkr_null_reason,
    case when summed.exports_pkr_million is not null then {{ weakest_origin_of(['summed.origin', 'summed.rate_origin']) }} end
        as exports_pkr_origin,
    summed.exports_pkr_million is not null and summed.corrected as exports_pkr_corrected,
    case when summed.exports_pkr_million is not null then cited.figure_ids end as exports_of_months_figure_ids,
    case when summed.exports_pkr_million is not null then summed.rate_figure_ids end as exchange_rate_figure_ids
from summed
left join cited
    on
        summed.sector_code = cited.sector_code
        and summed.period_code = cited.period_code
{%- endmacro %}

{#- Aggregate over months: which of them have none of something, in words; NULL when all have it. -#}
{% macro missing_months(has, what) -%}
    '{{ what }} of ' || to_char(min(month_start) filter (where not {{ has }}), 'YYYY-MM')
    || case
        when count(*) filter (where not {{ has }}) > 1
            then concat(' and ', count(*) filter (where not {{ has }}) - 1, ' more of ', count(*), ' months')
        else ''
    end || ' not known'
{%- endmacro %}

{#- Query: of prints of exchange rates, columns as in fct_exchange_rate_print, the newest of each month. -#}
{% macro newest_rates(prints) -%}
select distinct on (period_code)
    period_code,
    period_start,
    rate_pkr_per_usd,
    rate_figure_ids[1] as figure_id,
    origin,
    corrected
from {{ prints }}
where currency_code = 'USD' and measure = 'monthly_average'
order by
    period_code asc,
    published_on desc,
    published_seq desc
{%- endmacro %}
