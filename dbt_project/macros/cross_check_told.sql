{#- A row of mart_cross_checks in plain words. -#}
{% macro cross_check_told() -%}
    case
        when services_trade_figure_ids is null then 'Cannot be checked: trade in services prints nothing of this period.'
        when distance_usd_million is null then 'Cannot be checked: one of the two prints no number.'
        else concat(
            trim_scale(bop_summary_usd_million)::text,
            case
                when bop_summary_low_usd_million = bop_summary_high_usd_million then ' million US$ is not rounded'
                else
                    ' stands for '
                    || {{ bounds_told('bop_summary_low_usd_million', 'bop_summary_high_usd_million', "'usd_million'") }}
            end,
            '; ', trim_scale(services_trade_usd_million)::text,
            case
                when distance_usd_million = 0 then ' lies within.'
                else ' is ' || trim_scale(distance_usd_million)::text || ' away, which no rounding explains. '
            end,
            case
                when distance_usd_million = 0 then ''
                when services_trade_published_on = bop_summary_published_on
                    then 'Both were published on one day: no revision lies between them.'
                else
                    'Trade in services was published on ' || services_trade_published_on::text
                    || ', the balance of payments on ' || bop_summary_published_on::text
                    || ': a revision may lie between them.'
            end
        )
    end
{%- endmacro %}
