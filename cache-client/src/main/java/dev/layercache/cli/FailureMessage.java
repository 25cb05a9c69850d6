package dev.layercache.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** One line for a failure. The JDK's file exceptions leave out what happened. */
final class FailureMessage {
  private FailureMessage() {}

  static String of(Throwable failure) {
    if (failure instanceof NoSuchFileException) {
      return failure.getMessage() + ": no such file or directory";
    }
    if (failure instanceof AccessDeniedException) {
      return failure.getMessage() + ": permission denied";
    }
    if (failure instanceof FileSystemException file && file.getReason() == null) {
      return "%s: %s".formatted(file.getFile(), file.getClass().getSimpleName());
    }
    return Optional.ofNullable(failure.getMessage())
        .filter(message -> !message.isBlank())
        .orElseGet(() -> failure.getClass().getSimpleName());
  }
}
