package dev.layercache.cli;

import java.util.concurrent.Callable;

/**
 * A command of {@code layercache}, annotated with {@link picocli.CommandLine.Command}. Those of
 * other jars are found by {@link java.util.ServiceLoader}, so they need a public constructor
 * without parameters and an entry in {@code META-INF/services}.
 *
 * <p>{@code call} returns the exit code: 0 done, 1 failed. What it throws becomes one line on
 * standard error, without a stack trace unless {@code --verbose} was given: exit code 2 for a
 * {@link picocli.CommandLine.ParameterException}, 1 for anything else. Standard output and standard
 * error are those of {@code spec.commandLine()}, so that a command can be run inside a test.
 */
public interface CliCommand extends Callable<Integer> {}
