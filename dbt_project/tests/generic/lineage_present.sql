{#-
    Every row cites the figures it rests on. For each column of figure ids: there whenever its value is; never empty;
    in ascending order without repeats; every id is a staged figure. The first one is there in every row.
    measures: {value column: column of figure ids}. less: the columns of figures that are taken away; NULL when none
    is, otherwise of the same form, and no figure is both added and taken away.
-#}
{% test lineage_present(model, measures, less=[]) %}

with

cited as (

    {%- for value, figure_ids in measures.items() %}
    select
        to_jsonb(figures_of) as cited_by,
        '{{ figure_ids }}' as cited_as,
        {{ figure_ids }} as figure_ids,
        {{ "true" if loop.first else value ~ " is not null" }} as is_due,
        cast(null as bigint []) as added_figure_ids
    from {{ model }} as figures_of
    {{ "union all" if not loop.last }}
    {%- endfor %}

    {%- for figure_ids in less %}
    union all

    select
        to_jsonb(figures_of) as cited_by,
        '{{ figure_ids }}' as cited_as,
        {{ figure_ids }} as figure_ids,
        false as is_due,
        coalesce({{ figure_ids | replace('_less_figure_ids', '_figure_ids') }}, '{}') as added_figure_ids
    from {{ model }} as figures_of
    {%- endfor %}

)

select
    cited.cited_by,
    cited.cited_as
from cited
where
    (cited.is_due and cited.figure_ids is null)
    or cardinality(cited.figure_ids) = 0
    -- taken away from nothing, or from itself
    or (cited.figure_ids is not null and cardinality(cited.added_figure_ids) = 0)
    or cited.figure_ids && cited.added_figure_ids
    or cited.figure_ids != array(
        select distinct figure.figure_id
        from unnest(cited.figure_ids) as listed (figure_id)
        inner join {{ source('staging', 'figure') }} as figure on listed.figure_id = figure.figure_id
        order by figure.figure_id
    )

{% endtest %}
