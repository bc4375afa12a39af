# bash completion for garden
_garden() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local path=garden count=0 i
    COMPREPLY=()
    # bash takes the = of --name=value for a word of its own
    if [[ $cur == = ]]; then
        cur=
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$path ${COMP_WORDS[i]}" in
            'garden water') path='garden water' ;;
            'garden seed') path='garden seed' ;;
            'garden help') : ;;
            'garden -c'|'garden --config'|'garden -o'|'garden --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
            'garden water -l'|'garden water --limit'|'garden water -b'|'garden water --bed'|'garden water --every'|'garden water -c'|'garden water --config'|'garden water -o'|'garden water --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
            'garden seed add') path='garden seed add' ;;
            'garden seed list') path='garden seed list' ;;
            'garden seed help') : ;;
            'garden seed -c'|'garden seed --config'|'garden seed -o'|'garden seed --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
            'garden seed add --bed'|'garden seed add --store'|'garden seed add -c'|'garden seed add --config'|'garden seed add -o'|'garden seed add --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
            'garden seed list -c'|'garden seed list --config'|'garden seed list -o'|'garden seed list --output') [[ ${COMP_WORDS[++i]} == = ]] && ((i++)) ;;
            *' '-*|*' =') ;;
            *) ((count++)) ;;
        esac
    done
    case "$path $prev" in
        'garden -c'|'garden --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
        'garden -o'|'garden --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
        'garden water -l'|'garden water --limit') :; return ;;
        'garden water -b'|'garden water --bed') mapfile -t COMPREPLY < <(compgen -W "$(garden list beds 2>/dev/null)" -- "$cur"); return ;;
        'garden water --every') :; return ;;
        'garden water -c'|'garden water --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
        'garden water -o'|'garden water --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
        'garden seed -c'|'garden seed --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
        'garden seed -o'|'garden seed --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
        'garden seed add --bed') :; return ;;
        'garden seed add --store') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
        'garden seed add -c'|'garden seed add --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
        'garden seed add -o'|'garden seed add --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
        'garden seed list -c'|'garden seed list --config') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
        'garden seed list -o'|'garden seed list --output') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur"); return ;;
    esac
    if [[ $cur == -* ]]; then
        case $path in
            'garden') mapfile -t COMPREPLY < <(compgen -W '-c --config -o --output -q --quiet -h --help --version' -- "$cur") ;;
            'garden water') mapfile -t COMPREPLY < <(compgen -W '-n --dry-run --force -l --limit -b --bed --every -c --config -o --output -q --quiet -h --help' -- "$cur") ;;
            'garden seed') mapfile -t COMPREPLY < <(compgen -W '-c --config -o --output -q --quiet -h --help' -- "$cur") ;;
            'garden seed add') mapfile -t COMPREPLY < <(compgen -W '--bed --store -c --config -o --output -q --quiet -h --help' -- "$cur") ;;
            'garden seed list') mapfile -t COMPREPLY < <(compgen -W '-c --config -o --output -q --quiet -h --help' -- "$cur") ;;
        esac
        return
    fi
    case "$path $count" in
        'garden 0') mapfile -t COMPREPLY < <(compgen -W 'water seed help' -- "$cur") ;;
        'garden seed 0') mapfile -t COMPREPLY < <(compgen -W 'add list help' -- "$cur") ;;
        'garden seed add 0') compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
        'garden seed list 0') mapfile -t COMPREPLY < <(compgen -W 'text json markdown' -- "$cur") ;;
    esac
}
complete -F _garden garden
