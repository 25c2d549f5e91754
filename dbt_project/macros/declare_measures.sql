{#-
    What the marts' YAML declares in meta.sanad becomes rows of lineage.measure, from which the functions of the schema
    lineage, the command line and every page read formulas. Written before the first model, and only where it differs.
    A run as of a day declares nothing: its code is that of the marts.
-#}
{% macro declare_measures() -%}
    {%- if execute and flags.WHICH in ('build', 'run') and var('as_of_schema') is none -%}
        {%- set measures = source('lineage', 'measure') -%}
        {%- set declared -%}
            select * from jsonb_to_recordset($json${{ tojson(declared_measures()) }}$json$) as declared (
                mart text, column_name text, place smallint, measure text, formula text, inputs text[], cites text
            )
        {%- endset -%}
        delete from {{ measures }} as standing
        where not exists (select from ({{ declared }}) as declared where declared = standing);
        insert into {{ measures }} (mart, column_name, place, measure, formula, inputs, cites)
        {{ declared }}
        on conflict do nothing
    {%- endif -%}
{%- endmacro %}

{#- One row for each column of a mart that declares a formula, in the order of the YAML. -#}
{% macro declared_measures() -%}
    {%- set rows = [] -%}
    {%- for model in graph.nodes.values() if model.resource_type == 'model' and model.fqn[1] == 'marts' -%}
        {%- set columns = model.columns.values() | selectattr('config.meta.sanad', 'defined') | list -%}
        {%- set measures = columns | map(attribute='config.meta.sanad') | map(attribute='measure', default='') | list -%}
        {%- for column in columns -%}
            {%- set said = column.config.meta.sanad -%}
            {%- do rows.append({
                'mart': model.name,
                'column_name': column.name,
                'place': loop.index,
                'measure': said.get('measure'),
                'formula': said.get('formula') or said.get('statistic') or said.statement,
                'inputs': inputs_of(model.name ~ '.' ~ column.name, said, measures),
                'cites': model.config.meta.get('sanad', {}).get('cites'),
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}

{#-
    The measures a formula is computed from, in the order in which it names them: for a sum of figures, itself; for a
    statement, which is no formula, the figures it rests on.
-#}
{% macro inputs_of(column, said, measures) -%}
    {%- if said.statistic is defined -%}
        {{ return(said.get('inputs', ['prints'])) }}
    {%- endif -%}
    {%- if said.statement is defined -%}
        {{ return([said.rests_on]) }}
    {%- endif -%}
    {%- set named = modules.re.findall('[a-z_]+', said.formula) | reject('eq', 'fine') | unique | list -%}
    {%- if 'figures' in named -%}
        {{ return([said.measure]) }}
    {%- endif -%}
    {%- set unknown = named | reject('in', measures) | list -%}
    {%- if unknown -%}
        {%- do exceptions.raise_compiler_error(column ~ ': its formula names ' ~ unknown | join(', ')
            ~ ', which no column of the mart declares as its measure') -%}
    {%- endif -%}
    {{ return(named) }}
{%- endmacro %}
