with

prints as (

    select * from {{ ref('int_services_trade__rank') }}

),

placed as (

    select
        *,
        row_number() over (
            partition by dataset, ebops_code, measure, period_code
            order by published_on asc, published_seq asc
        ) as place
    from prints

),

-- the newest print against the true first one; a figure printed once was not up for revision yet
revisions as (

    select
        first_print.dataset,
        first_print.ebops_code,
        first_print.measure,
        first_print.period_kind,
        first_print.period_start,
        first_print.period_end,
        newest.published_on,
        first_print.value_usd_thousand as first_usd_thousand,
        newest.value_usd_thousand - first_print.value_usd_thousand as revision_usd_thousand,
        first_print.corrected or newest.corrected as corrected
    from placed as first_print
    inner join placed as newest
        on
            first_print.dataset = newest.dataset
            and first_print.ebops_code = newest.ebops_code
            and first_print.measure = newest.measure
            and first_print.period_code = newest.period_code
            and newest.recency = 1
            and newest.place > 1
    where
        first_print.place = 1
        and to_char(first_print.period_end - 1, 'YYYY-MM') = first_print.edition
        and first_print.value_usd_thousand is not null
        and newest.value_usd_thousand is not null

),

final as (

    select
        dataset,
        ebops_code as series_code,
        measure,
        period_kind,
        min(period_start) as first_period_start,
        max(period_end) as last_period_end,
        max(published_on) as published_on,

        cast(count(*) as integer) as revisions,
        {{ pct_of('count(*) filter (where revision_usd_thousand != 0)', 'count(*)') }} as share_revised_pct,
        cast(round(avg(revision_usd_thousand), 6) as numeric(20, 6)) as mean_revision_usd_thousand,
        cast(round(avg(abs(revision_usd_thousand)), 6) as numeric(20, 6)) as mean_absolute_revision_usd_thousand,
        {{ pct_of('sum(revision_usd_thousand)', 'sum(first_usd_thousand)') }} as bias_pct,
        bool_or(corrected) as corrected

    from revisions

    group by
        dataset,
        ebops_code,
        measure,
        period_kind

)

select * from final
