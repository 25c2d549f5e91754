{%- set step -%}
    case pairs.measure when 'net' then of_balances.resolution_usd_million else prints.resolution_usd_million end
{%- endset -%}

with

pairs as (

    select * from {{ ref('cross_check') }}

),

latest as (

    select * from {{ ref('int_services_trade__latest') }}

),

prints as (

    select * from {{ ref('int_bop_summary__correct') }}

),

trade as (

    select
        ebops_code,
        measure,
        period_code,
        value_usd_thousand,
        cast(round(value_usd_thousand / 1000, 6) as numeric(20, 6)) as usd_million,
        flag,
        origin,
        corrected,
        edition,
        published_on,
        figure_id
    from latest

),

-- a balance is what is left of two numbers that were rounded before: it is as coarse as they are together
of_balances as (

    select
        prints.release_id,
        prints.period_code,
        sum(prints.resolution_usd_million) as resolution_usd_million
    from prints
    inner join pairs on prints.bop_line_code = pairs.bop_line_code
    where pairs.measure in ('credit', 'debit')
    group by
        prints.release_id,
        prints.period_code

),

summary as (

    select distinct on (pairs.ebops_code, pairs.measure, prints.period_code)
        pairs.ebops_code,
        pairs.measure,
        prints.bop_line_code,
        prints.period_code,
        prints.period_kind,
        prints.period_start,
        prints.period_end,
        prints.value_usd_million as bop_summary_usd_million,
        {{ printed_low('prints.value_usd_million', step, 'cast(null as text)') }} as bop_summary_low_usd_million,
        {{ printed_high('prints.value_usd_million', step, 'cast(null as text)') }} as bop_summary_high_usd_million,
        prints.flag as bop_summary_flag,
        prints.edition as bop_summary_edition,
        prints.published_on as bop_summary_published_on,
        prints.origin as bop_summary_origin,
        prints.corrected as bop_summary_corrected,
        array[prints.figure_id] as bop_summary_figure_ids
    from prints
    inner join pairs on prints.bop_line_code = pairs.bop_line_code
    left join of_balances
        on prints.release_id = of_balances.release_id and prints.period_code = of_balances.period_code
    order by
        pairs.ebops_code asc,
        pairs.measure asc,
        prints.period_code asc,
        prints.published_on desc,
        prints.published_seq desc,
        prints.figure_id desc

),

-- a fraction that the summary stores is not rounded, and neither is any figure of the workbook
compared as (

    select
        summary.*,
        trade.value_usd_thousand as services_trade_usd_thousand,
        trade.usd_million as services_trade_usd_million,
        trade.flag as services_trade_flag,
        trade.edition as services_trade_edition,
        trade.published_on as services_trade_published_on,
        {{ weakest_origin_of(['trade.origin', 'summary.bop_summary_origin']) }} as origin,
        summary.bop_summary_corrected or coalesce(trade.corrected, false) as corrected,
        case when trade.figure_id is not null then array[trade.figure_id] end as services_trade_figure_ids,
        cast(
            round(summary.bop_summary_usd_million - trade.value_usd_thousand / 1000, 6) as numeric(20, 6)
        ) as difference_usd_million,
        case
            when num_nulls(summary.bop_summary_usd_million, trade.usd_million) = 0
                then cast({{ apart(
                    'summary.bop_summary_low_usd_million', 'summary.bop_summary_high_usd_million',
                    'trade.usd_million', 'trade.usd_million'
                ) }} as numeric(20, 6))
        end as distance_usd_million
    from summary
    left join trade
        on
            summary.ebops_code = trade.ebops_code
            and summary.measure = trade.measure
            and summary.period_code = trade.period_code

),

final as (

    select
        ebops_code,
        measure,
        period_code,
        period_kind,
        period_start,
        period_end,

        services_trade_usd_thousand,
        services_trade_usd_million,
        services_trade_flag,
        services_trade_edition,
        services_trade_published_on,

        bop_line_code,
        bop_summary_usd_million,
        bop_summary_low_usd_million,
        bop_summary_high_usd_million,
        bop_summary_flag,
        bop_summary_edition,
        bop_summary_published_on,

        difference_usd_million,
        distance_usd_million,
        case
            when distance_usd_million is null then 'cannot be checked'
            when distance_usd_million = 0 then 'agree'
            else 'differ'
        end as verdict,
        {{ cross_check_told() }} as reason,

        origin,
        corrected,

        services_trade_figure_ids,
        bop_summary_figure_ids

    from compared

)

select * from final
