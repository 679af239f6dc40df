"""Where files are: folders of this computer, and of SFTP servers."""
