package dev.layercache.server.blob;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * Two fixed seeds and a fresh one. A failure names its seed; {@code -Dlayercache.seed=N} runs that
 * one alone.
 */
public final class Seeds implements ArgumentsProvider {
  @Override
  public Stream<? extends Arguments> provideArguments(
      ParameterDeclarations parameters, ExtensionContext context) {
    var chosen = Long.getLong("layercache.seed");
    var seeds = chosen == null ? Stream.of(1L, 2L, System.nanoTime()) : Stream.of(chosen);
    return seeds.map(Arguments::of);
  }

  /** A test body that depends on a seed. */
  @FunctionalInterface
  public interface Body {
    void run() throws Exception;
  }

  /** Runs {@code body}; what it throws is wrapped in an error that names the seed. */
  public static void naming(long seed, Body body) {
    try {
      body.run();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed %d: %s".formatted(seed, e.getMessage()), e);
    }
  }
}
