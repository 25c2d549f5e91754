{%- set lines = {
    'ict': 'ict_total',
    'call_centres': 'call_centres',
    'freelancers': 'freelance_all',
    'software': 'software_consultancy',
    'telecom': 'telecom_total',
} -%}
{%- set parts_of_ict = ['call_centres', 'software', 'telecom'] -%}

with

exports as (

    select * from {{ ref('mart_sector_exports') }}
    where
        sector_code in (
            {% for sector_code in lines.values() %}
                '{{ sector_code }}',
            {% endfor %}
            'services_total_exports'
        )

),

trade as (

    select * from {{ ref('fct_services_trade') }}

),

rates as (

    select
        period_start,
        cast(period_start + interval '1 month' as date) as period_end,
        rate_pkr_per_usd,
        figure_id,
        origin,
        corrected
    from {{ ref('int_exchange_rates__latest') }}

),

adjusted as (

    select * from {{ source('staging', 'adjusted') }}

),

months as (

    select * from exports
    where period_kind = 'month'

),

-- the place that a month had when it was the newest
places as (

    select
        months.sector_code,
        months.period_code,
        1 + count(*) filter (where earlier.exports_usd_thousand > months.exports_usd_thousand) as place,
        1 + count(earlier.exports_usd_thousand) as months_ranked
    from months
    left join months as earlier
        on months.sector_code = earlier.sector_code and months.period_start > earlier.period_start
    where months.exports_usd_thousand is not null
    group by
        months.sector_code,
        months.period_code

),

monthly as (

    select
        months.*,
        places.place,
        places.months_ranked
    from months
    left join places on months.sector_code = places.sector_code and months.period_code = places.period_code

),

to_date as (

    select * from exports
    where
        period_kind in ('fiscal_year_to_date', 'fiscal_year')
        and extract(month from period_start) = 7
        and sector_code != 'services_total_exports'

),

imports as (

    select * from trade
    where ebops_code = '9' and measure = 'debit' and period_kind = 'month'

),

-- what a month's row rests on
cited as (

    select
        period_end,
        origin,
        corrected
    from monthly

    union all

    select
        period_end,
        origin,
        corrected
    from to_date

    union all

    select
        period_end,
        origin,
        corrected
    from imports

    union all

    select
        period_end,
        origin,
        corrected
    from rates

),

weakest as (

    select
        period_end,
        {{ weakest_origin('origin') }} as origin,
        bool_or(corrected) as corrected
    from cited
    group by period_end

),

known as (

    select
        period_end,
        {{ weakest_flag('flag') }} as flag,
        max(published_on) as published_on
    from monthly
    where sector_code != 'services_total_exports'
    group by period_end

),

-- the series of which an adjustment must have been made to count here
series as (

    select {{ series_sha256('period_code', 'exports_usd_thousand') }} as series_sha256
    from monthly
    where sector_code = '{{ lines.ict }}' and exports_usd_thousand is not null

),

seasons as (

    select
        adjusted.*,
        first_value(adjusted.period_code) over whole as first_period_code,
        last_value(adjusted.period_code) over whole as last_period_code
    from adjusted
    inner join series on adjusted.series_sha256 = series.series_sha256
    window whole as (
        order by adjusted.period_code asc rows between unbounded preceding and unbounded following
    )

),

final as (

    select
        ict.period_code,
        ict.period_start,
        ict.period_end,

        {% for line in lines %}
            {{ line }}.exports_usd_thousand as {{ line }}_exports_usd_thousand,
            {{ line }}.exports_year_ago_usd_thousand as {{ line }}_exports_year_ago_usd_thousand,
            {{ line }}.exports_yoy_pct as {{ line }}_exports_yoy_pct,
            {{ line }}_to_date.exports_usd_thousand as {{ line }}_to_date_usd_thousand,
            {{ line }}_to_date.exports_year_ago_usd_thousand as {{ line }}_to_date_year_ago_usd_thousand,
            {{ line }}_to_date.exports_yoy_pct as {{ line }}_to_date_yoy_pct,
            {{ line }}.place as {{ line }}_rank,
            {{ line }}.months_ranked as {{ line }}_months_ranked,
            {{ line }}.exports_pkr_million as {{ line }}_exports_pkr_million,
            {{ pct_of(
                fine(line ~ '.exports_usd_thousand', line ~ '.exports_resolution_usd_thousand'),
                fine('services.exports_usd_thousand', 'services.exports_resolution_usd_thousand')
            ) }} as {{ line }}_share_of_services_pct,
            {% if line in parts_of_ict %}
                {{ line }}.share_of_ict_pct as {{ line }}_share_of_ict_pct,
            {% endif %}
        {% endfor %}

        services.exports_usd_thousand as services_exports_usd_thousand,
        rates.rate_pkr_per_usd as exchange_rate_pkr_per_usd,
        imports.value_usd_thousand as ict_imports_usd_thousand,
        cast(ict.exports_usd_thousand - imports.value_usd_thousand as numeric(20, 6)) as ict_balance_usd_thousand,

        seasons.adjusted_usd_thousand as ict_adjusted_usd_thousand,
        seasons.model as ict_adjusted_model,
        seasons.first_period_code as ict_adjusted_first_period_code,
        seasons.last_period_code as ict_adjusted_last_period_code,

        known.flag,
        weakest.origin,
        ict.basis,
        weakest.corrected,
        known.published_on,

        {% for line in lines %}
            {{ line }}.exports_figure_ids as {{ line }}_exports_figure_ids,
            {{ line }}.exports_less_figure_ids as {{ line }}_exports_less_figure_ids,
            {{ line }}.exports_year_ago_figure_ids as {{ line }}_exports_year_ago_figure_ids,
            {{ line }}.exports_year_ago_less_figure_ids as {{ line }}_exports_year_ago_less_figure_ids,
            {{ line }}_to_date.exports_figure_ids as {{ line }}_to_date_figure_ids,
            {{ line }}_to_date.exports_less_figure_ids as {{ line }}_to_date_less_figure_ids,
            {{ line }}_to_date.exports_year_ago_figure_ids as {{ line }}_to_date_year_ago_figure_ids,
            {{ line }}_to_date.exports_year_ago_less_figure_ids as {{ line }}_to_date_year_ago_less_figure_ids,
        {% endfor %}
        services.exports_figure_ids as services_exports_figure_ids,
        services.exports_less_figure_ids as services_exports_less_figure_ids,
        case when rates.figure_id is not null then array[rates.figure_id] end as exchange_rate_figure_ids,
        imports.value_figure_ids as ict_imports_figure_ids

    from monthly as ict
    {% for line, sector_code in lines.items() %}
        {% if line != 'ict' %}
            left join monthly as {{ line }}
                on ict.period_code = {{ line }}.period_code and {{ line }}.sector_code = '{{ sector_code }}'
        {% endif %}
        left join to_date as {{ line }}_to_date
            on ict.period_end = {{ line }}_to_date.period_end and {{ line }}_to_date.sector_code = '{{ sector_code }}'
    {% endfor %}
    left join monthly as services
        on ict.period_code = services.period_code and services.sector_code = 'services_total_exports'
    left join imports on ict.period_code = imports.period_code
    left join rates on ict.period_start = rates.period_start
    left join seasons on ict.period_code = seasons.period_code
    inner join known on ict.period_end = known.period_end
    inner join weakest on ict.period_end = weakest.period_end
    where ict.sector_code = '{{ lines.ict }}'

)

select * from final
