package dev.layercache.server.config;

/**
 * The configuration is not usable. The message says which value, where it came from and what was
 * expected.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;

  public ConfigException(String message) {
    super(message);
  }

  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
