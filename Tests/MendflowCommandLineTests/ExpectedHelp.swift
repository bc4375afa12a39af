/// What the sample program prints as help and as its man page.
enum ExpectedHelp {
    static let root = #"""
        Look after a garden.

        Usage: garden [OPTIONS] COMMAND

        Waters, sows and weeds by a plan.

        Options:
          -c, --config FILE    Read the plan from FILE (default: garden.yaml; env:
                               GARDEN_CONFIG)
          -o, --output FORMAT  Print as FORMAT (one of: text, json, markdown; default:
                               text; env: GARDEN_OUTPUT)
          -q, --quiet          Say less
          -h, --help           Show this help and exit
              --version        Show the version and exit

        Commands:
          water  Water what is dry
          seed   Sow and list
          help   Show the help of a command

        Examples:
          Water the garden:
            $ garden water

        Exit codes:
          0  Done.
          2  The command line is wrong.

        See 'garden COMMAND --help' for more on a command.

        """#

    static let water = #"""
        Water what is dry.

        Usage: garden water [OPTIONS] [PLANT...]

        Goes from bed to bed and waters each plant whose soil is drier than its kind
        likes, oldest first.

          dry   < 20 %
          moist < 60 %

        Plants that were watered by hand today are left alone.

        Arguments:
          [PLANT...]  What to water

        Options:
          -n, --dry-run   Change nothing (env: GARDEN_DRY_RUN)
              --force     Don't ask: water at once (env: GARDEN_FORCE)
          -l, --limit N   Stop after N beds
          -b, --bed NAME  Only this bed (may be repeated)
          -h, --help      Show this help and exit

        Timing:
              --every DURATION  Wait this long between rounds

        Global options:
          -c, --config FILE    Read the plan from FILE (default: garden.yaml; env:
                               GARDEN_CONFIG)
          -o, --output FORMAT  Print as FORMAT (one of: text, json, markdown; default:
                               text; env: GARDEN_OUTPUT)
          -q, --quiet          Say less

        Examples:
          See what would be watered:
            $ garden water --dry-run
          Water two plants in one bed:
            $ garden water -b north rose lily

        Exit codes:
          0  All is moist.
          3  The tank is empty.

        """#

    static let manPage = #"""
        .TH "GARDEN" 1 2026-01-31 "garden 1.2.3" "User Commands"
        .SH NAME
        garden \- Look after a garden
        .SH SYNOPSIS
        \fBgarden\fR [OPTIONS] COMMAND
        .SH DESCRIPTION
        Waters, sows and weeds by a plan.
        .SH "OPTIONS"
        .TP
        \fB\-c\fR, \fB\-\-config\fR \fIFILE\fR
        Read the plan from FILE (default: garden.yaml; env: GARDEN_CONFIG)
        .TP
        \fB\-o\fR, \fB\-\-output\fR \fIFORMAT\fR
        Print as FORMAT (one of: text, json, markdown; default: text; env:
        GARDEN_OUTPUT)
        .TP
        \fB\-q\fR, \fB\-\-quiet\fR
        Say less
        .TP
        \fB\-h\fR, \fB\-\-help\fR
        Show this help and exit
        .TP
        \fB\-\-version\fR
        Show the version and exit
        .SH COMMANDS
        .SS "water"
        \fBgarden water\fR [OPTIONS] [PLANT...]
        .PP
        Water what is dry.
        .PP
        Goes from bed to bed and waters each plant whose soil is drier than its kind
        likes, oldest first.
        .PP
        .RS 4
        .nf
          dry   < 20 %
          moist < 60 %
        .fi
        .RE
        .PP
        Plants that were watered by hand today are left alone.
        .TP
        \fI[PLANT...]\fR
        What to water
        .TP
        \fB\-n\fR, \fB\-\-dry\-run\fR
        Change nothing (env: GARDEN_DRY_RUN)
        .TP
        \fB\-\-force\fR
        Don\(aqt ask: water at once (env: GARDEN_FORCE)
        .TP
        \fB\-l\fR, \fB\-\-limit\fR \fIN\fR
        Stop after N beds
        .TP
        \fB\-b\fR, \fB\-\-bed\fR \fINAME\fR
        Only this bed (may be repeated)
        .TP
        \fB\-\-every\fR \fIDURATION\fR
        Wait this long between rounds
        .PP
        Exit codes:
        .TP
        \fB0\fR
        All is moist.
        .TP
        \fB3\fR
        The tank is empty.
        .PP
        See what would be watered:
        .PP
        .RS 4
        .nf
        garden water \-\-dry\-run
        .fi
        .RE
        .PP
        Water two plants in one bed:
        .PP
        .RS 4
        .nf
        garden water \-b north rose lily
        .fi
        .RE
        .SS "seed"
        \fBgarden seed\fR [OPTIONS] COMMAND
        .PP
        Sow and list.
        .SS "seed add"
        \fBgarden seed add\fR \-\-bed NAME [OPTIONS] SEED [DEPTH]
        .PP
        Sow a seed.
        .TP
        \fISEED\fR
        A packet of seeds
        .TP
        \fI[DEPTH]\fR
        How deep, in centimetres
        .TP
        \fB\-\-bed\fR \fINAME\fR
        Where it goes (required; env: GARDEN_BED)
        .TP
        \fB\-\-store\fR \fIDIR\fR
        Keep the rest there
        .SS "seed list"
        \fBgarden seed list\fR [OPTIONS] KIND
        .PP
        List what was sown.
        .TP
        \fIKIND\fR
        What to list (one of: text, json, markdown)
        .SH EXIT STATUS
        .TP
        \fB0\fR
        Done.
        .TP
        \fB2\fR
        The command line is wrong.
        .SH ENVIRONMENT
        .TP
        \fBGARDEN_CONFIG\fR
        Stands in for \-\-config where that is not given.
        .TP
        \fBGARDEN_OUTPUT\fR
        Stands in for \-\-output where that is not given.
        .TP
        \fBGARDEN_DRY_RUN\fR
        Stands in for \-\-dry\-run where that is not given.
        .TP
        \fBGARDEN_FORCE\fR
        Stands in for \-\-force where that is not given.
        .TP
        \fBGARDEN_BED\fR
        Stands in for \-\-bed where that is not given.
        .SH EXAMPLES
        Water the garden:
        .PP
        .RS 4
        .nf
        garden water
        .fi
        .RE

        """#
}
